"""Peers of the samples. They print the port they listen on, serve one client, and print what is worth knowing of it."""

import http.server
import socket
import ssl
import sys


def listening():
    server = socket.create_server(("127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    return server


def accepted():
    with listening() as server:
        return server.accept()[0]


def secured(client, chain, key):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(chain, key)
    return context.wrap_socket(client, server_side=True)


def echo():
    with accepted() as client:
        while data := client.recv(65536):
            client.sendall(data)


def late():
    """Says something when a line comes in on the standard input."""
    with accepted() as client:
        sys.stdin.readline()
        client.sendall(b"abc")


def count():
    """Tells how many bytes came in, after their end."""
    with accepted() as client:
        length = 0
        while data := client.recv(65536):
            length += len(data)
        client.sendall(f"{length}\n".encode())


def headers(*identity):
    """Answers a HEAD over HTTP, or HTTPS, with what was asked for."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self):
            self.send_response_only(200)
            self.send_header("Asked-For", f"{self.path} at {self.headers['Host'].split(':')[0]}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args):
            pass

    client = accepted()
    if identity:
        client = secured(client, *identity)
    with client:
        Handler(client, client.getpeername(), None)


def mail(chain, key):
    """Takes one mail over SMTP with STARTTLS, and prints what the client says, and whether that was secret."""
    client = accepted()
    lines = client.makefile("rb")

    def say(*texts):
        client.sendall("".join(f"{text}\r\n" for text in texts).encode())

    def hear():
        line = lines.readline().decode()
        assert line.endswith("\r\n"), repr(line)
        print("secret" if isinstance(client, ssl.SSLSocket) else "open", line[:-2], flush=True)
        return line[:-2]

    say("220-mail.test", "220 at your service")
    while (line := hear()) != "QUIT":
        if line.startswith("EHLO"):
            say("250-mail.test", "250 STARTTLS")
        elif line == "STARTTLS":
            say("220 go ahead")
            client = secured(client, chain, key)
            lines = client.makefile("rb")
        elif line == "DATA":
            say("354 until a dot")
            while hear() != ".":
                pass
            say("250 queued as 17")
        else:
            say("250 ok")
    say("221 bye")
    client.close()


globals()[sys.argv[1]](*sys.argv[2:])
