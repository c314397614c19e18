const time = document.getElementById("time");
const count = document.getElementById("count");
const events = new EventSource(document.currentScript.dataset.events);

events.addEventListener("tick", (event) => {
  time.textContent = event.data;
  count.textContent = `Event number ${event.lastEventId}`;
});

// The browser connects again by itself, and tells the number of the last event that it saw.
events.addEventListener("error", () => {
  count.textContent = "The server is away; trying again.";
});
