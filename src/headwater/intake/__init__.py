"""The front door for events: `http.app` acknowledges, `processor.process` gives effect, `importing` fills history."""
