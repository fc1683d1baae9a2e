"""Recording a conversation, without its secrets, and answering from the recording."""
