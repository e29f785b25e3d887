"""The service's own description, generated from what it runs: OpenAPI of its HTTP, AsyncAPI of its sessions."""
