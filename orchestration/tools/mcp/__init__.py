"""Tools of MCP servers, over streamable HTTP and over stdio: what they declare, and calls of them.

What a server says of its tools is kept and shown, and decides nothing. One event loop a process holds the sessions, one
for each connection; whoever calls waits for it in a thread.
"""
