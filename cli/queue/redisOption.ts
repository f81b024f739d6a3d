import { Option } from "commander";

/** `--redis URL`; also from the environment, where a password is not seen by other users. */
export function redisOption(): Option {
  return new Option("--redis <url>", "Redis of the queue: redis://[:password@]host:port").env(
    "SLICEWISE_REDIS",
  );
}
