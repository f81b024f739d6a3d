// Loaded before a program to set its clock an hour ahead and let it jump back and forth.
const now = Date.now.bind(Date);
let reads = 0;
Date.now = () => now() + 3_600_000 + (reads++ % 2 ? 60_000 : -60_000);
