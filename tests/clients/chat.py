"""Two people chat through python-socketio: python chat.py websocket|polling|upgrade"""

import sys
import threading
import uuid

import socketio

from people import BASE, DEADLINE, PASSWORD, newcomer, rest

TRANSPORTS = {"websocket": ["websocket"], "polling": ["polling"], "upgrade": ["polling", "websocket"]}
transports = TRANSPORTS[sys.argv[1]]


class Person:
    """Somebody with a socket, who remembers every message that arrives."""

    def __init__(self, account):
        self.id, self.token = account["user"]["id"], account["accessToken"]
        self.heard, self.connections = [], 0
        self.changed = threading.Condition()
        self.socket = socketio.Client(reconnection_delay=0.1, reconnection_delay_max=0.2)
        self.socket.on("receiveMessage", self._hear)
        self.socket.on("connect", self._connected)
        self.socket.connect(BASE, auth={"token": self.token}, transports=transports, wait_timeout=DEADLINE)

    def _hear(self, message):
        with self.changed:
            self.heard.append(message)
            self.changed.notify_all()

    def _connected(self):
        with self.changed:
            self.connections += 1
            self.changed.notify_all()

    def until(self, condition, what):
        with self.changed:
            came = self.changed.wait_for(lambda: condition(self), DEADLINE)
        assert came, f"waited for {what}; heard {self.heard}"

    def ask(self, event, payload):
        answer = self.socket.call(event, payload, timeout=DEADLINE)
        assert answer["ok"], f"{event}: {answer['problem']}"
        return answer["data"]

    def problem(self, event, payload):
        answer = self.socket.call(event, payload, timeout=DEADLINE)
        assert not answer["ok"], f"{event} was done: {answer['data']}"
        return answer["problem"]


def refusal(auth):
    """What `connect_error` says."""
    said = []
    socket = socketio.Client(reconnection=False)
    socket.on("connect_error", said.append)
    try:
        socket.connect(BASE, auth=auth, transports=transports, wait_timeout=DEADLINE)
    except socketio.exceptions.ConnectionError:
        return said[0]["message"] if isinstance(said[0], dict) else said[0]
    raise AssertionError("it was let in")


ana_account, ben_account = newcomer("ana"), newcomer("ben")
ana, ben = Person(ana_account), Person(ben_account)
conversation = rest("POST", "/conversations", ana.token, memberIds=[ben.id])["id"]


def message(content):
    return {"conversationId": conversation, "messageId": str(uuid.uuid4()), "content": content}


# It is connected the way it was asked to.
ana.until(lambda person: person.socket.transport() == transports[-1], "the transport")

# Nobody gets in without a good token of a living session.
second = rest("POST", "/auth/login", login=ana_account["user"]["username"], password=PASSWORD)
rest("POST", "/auth/logout", refreshToken=second["refreshToken"])
assert refusal({}) == "E_TOKEN_MISSING"
assert refusal({"token": "nonsense"}) == "E_TOKEN_INVALID"
assert refusal({"token": second["accessToken"]}) == "E_SESSION_ENDED"

# What is sent is answered with the stored message, once, and arrives in order.
for person in (ana, ben):
    assert person.ask("joinConversation", {"conversationId": conversation})["headSeq"] == 0
first = message("one")
stored = ana.ask("sendMessage", first)["message"]
assert (stored["id"], stored["content"], stored["seq"]) == (first["messageId"], "one", 1), stored
assert ana.ask("sendMessage", first)["message"] == stored
for content in ("two", "three"):
    ana.ask("sendMessage", message(content))
ben.until(lambda person: len(person.heard) >= 3, "three messages")
assert [told["content"] for told in ben.heard] == ["one", "two", "three"]
assert ben.heard[0] == stored
assert ana.problem("sendMessage", {**first, "content": "changed"})["code"] == "E_MESSAGE_ID_TAKEN"
assert ana.problem("sendMessage", message(""))["code"] == "E_INVALID"

# When the server dies and comes back, so do its clients; what they missed comes by joining again.
print("please: kill", flush=True)
for person in (ana, ben):
    person.until(lambda person: person.connections == 2, "a second connection")
for content in ("four", "five"):
    ana.ask("sendMessage", message(content))
last = ben.heard[-1]["seq"]
caught_up = ben.ask("joinConversation", {"conversationId": conversation, "after": last})
ana.ask("sendMessage", message("six"))
ben.until(lambda person: person.heard[-1]["content"] == "six", "a push after coming back")
assert [event["message"]["content"] for event in caught_up["events"]] == ["four", "five"]
assert [told["seq"] for told in ben.heard] == [1, 2, 3, 6]

for person in (ana, ben):
    person.socket.disconnect()
