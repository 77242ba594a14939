"""The inbox as members see and work it: queues and their order, a conversation's page, tags, acts on many, the poll."""
