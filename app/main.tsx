import { createRoot } from "react-dom/client";
import "./styles/page.css";
import { App } from "./App.tsx";
import { createActions } from "./actions/actions.ts";
import { createServices } from "./services/createServices.ts";
import { createAppStore } from "./store/store.ts";

const store = createAppStore();
const actions = createActions({ store, services: createServices(window) });
const root = document.getElementById("root");
if (!root) throw new Error("index.html must hold an element with id root");
createRoot(root).render(<App page={{ store, actions }} />);
void actions.restoreSession();
