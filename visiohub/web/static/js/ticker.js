// A clock in a worker: browsers slow down the timers of a hidden page to one a minute, and a
// page that pings once a minute is a page the hub believes dead.
setInterval(() => postMessage(null), 500);
