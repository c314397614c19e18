"""The demo: one small application that shows the main parts of the toolkit in a browser."""
