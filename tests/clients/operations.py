"""Every operation of the API document, tried as somebody: python operations.py anonymous|user|moderator|admin SECONDS

Schemathesis reads the document, makes requests that fit it and requests that don't, and holds what is answered
against it. Here is what it can't know: who asks, and what there is to ask for. ROOKERY_ADMIN names an administrator,
ROOKERY_LETTERS jobs that were given up, which nobody can order over REST.
"""

import collections
import os
import pathlib
import random
import sys
import threading
import uuid

import schemathesis
from schemathesis import cli
from schemathesis.generation.meta import TestPhase

from people import BASE, PASSWORD, newcomer, rest

ROLE, SECONDS = sys.argv[1], sys.argv[2]
ROLES = ["anonymous", "user", "moderator", "admin"]
POLICY = pathlib.Path(__file__).parents[2] / "openapi/policy.txt"

# What is wrong with a value's shape. A request that fits the document isn't refused for one of these; it may be for
# what only the database knows (nobody has this id) or what a schema can't say (a cursor that was never given).
SHAPE = {"required", "unknown_field", "too_short", "too_long", "too_few", "too_many", "not_unique", "too_small"}
SHAPE |= {"too_large", "not_an_option", "format", "blank", "pattern", "type", "invalid"}


class World:
    """Who asks, and living things for them to ask for. Whatever was ended or deleted is made anew when it is needed."""

    def __init__(self):
        self.keeper = self.sign_keeper_in()["user"]["id"]
        self.lock, self.things = threading.RLock(), {}
        self.asker = self.somebody()

    def sign_keeper_in(self):
        return rest("POST", "/auth/login", login=os.environ["ROOKERY_ADMIN"], password=PASSWORD)

    def somebody(self):
        """A new account of the role."""
        account = newcomer(ROLE)
        if ROLE not in ("user", "anonymous"):
            rest("PATCH", f"/admin/users/{account['user']['id']}", self.sign_keeper_in()["accessToken"], role=ROLE)
        return account

    def token(self):
        with self.lock:
            # Theirs are gone with them.
            self.asker, self.things = self.somebody(), {}
            return self.asker["accessToken"]

    def living(self, kind):
        with self.lock:
            if kind not in self.things:
                self.things[kind] = getattr(self, kind)()
            return self.things[kind]

    def gone(self, value):
        with self.lock:
            if value == self.things.get("conversation"):
                # What was said in it goes with it.
                self.things.pop("message", None)
            self.things = {kind: thing for kind, thing in self.things.items() if thing != value}

    def mine(self, method, path, **body):
        return rest(method, path, self.asker["accessToken"], **body)

    def post(self):
        return self.mine("POST", "/posts", content="The rooks are back.")["id"]

    def person(self):
        return newcomer("friend")["user"]["id"]

    def friend(self):
        friend = newcomer("friend")["user"]["id"]
        self.mine("POST", "/conversations", memberIds=[friend])
        return friend

    def conversation(self):
        members = [self.living("person"), newcomer("friend")["user"]["id"]]
        return self.mine("POST", "/conversations", memberIds=members, name="Rook watch")["id"]

    def message(self):
        path = f"/conversations/{self.living('conversation')}/messages"
        return self.mine("POST", path, messageId=str(uuid.uuid4()), content="They are nesting.")["id"]

    def emoji(self):
        return random.choice(["👍", "❤️", "🪺", "👩🏽‍❤️‍💋‍👨🏿"])

    def session(self):
        username = self.asker["user"]["username"]
        self.things["refresh_token"] = rest("POST", "/auth/login", login=username, password=PASSWORD)["refreshToken"]
        sessions = self.mine("GET", "/auth/sessions")["items"]
        return next(session["id"] for session in sessions if not session["current"])

    def letter(self):
        return letters.pop()

    def refresh_token(self):
        return newcomer("friend")["refreshToken"]

    def username(self):
        return newcomer("friend")["user"]["username"]


letters = os.environ["ROOKERY_LETTERS"].split(",")
world = World()
answers = collections.Counter()

if ROLE != "anonymous":

    @schemathesis.auth(retry_on=[401])
    class Asker:
        """Signed in for as long as it lasts: after ending their own session they come back as somebody new."""

        def get(self, case, context):
            return world.token()

        def set(self, case, token, context):
            case.headers["Authorization"] = f"Bearer {token}"


@schemathesis.hook
def before_call(context, case, kwargs):
    """The examples' ids become ids of something, and so do half of all others that nobody has; always the same half."""
    if case.method == "PATCH" and case.path_parameters.get("id") == world.keeper:
        # Suspended, they could make nobody an administrator.
        case.path_parameters["id"] = world.living("person")
    if case.meta is None or case.meta.phase.name == TestPhase.STATEFUL:
        return
    path, parameters = case.operation.path, case.path_parameters or {}
    example = case.meta.phase.name == TestPhase.EXAMPLES
    for name, value in parameters.items():
        kind = kind_of(path, name)
        # A name may be anything, so the limits come up with one letter.
        name_is_short = kind == "username" and len(value) < 4
        any_text = kind in ("username", "emoji")
        if kind and (example or name_is_short or half(value, any_text)):
            parameters[name] = world.living(kind)
    body = case.body if isinstance(case.body, dict) else {}
    for name, kind in [("memberIds", "person"), ("userIds", "person")]:
        if isinstance(body.get(name), list):
            body[name] = [world.living(kind) if example or half(value) else value for value in body[name]]
    if example and path.endswith(("/read", "/delivered")):
        # Nothing has been said in it yet.
        body["seq"] = 0
    if "refreshToken" in body and (example or half(body["refreshToken"], any_text=True)):
        body["refreshToken"] = world.living("refresh_token")
    if "login" in body and (example or half(body["login"], any_text=True)):
        body |= {"login": world.living("username"), "password": PASSWORD}


@schemathesis.hook
def after_call(context, case, response):
    if case.method.upper() == case.operation.method.upper():
        answers[case.operation.definition.raw["operationId"], response.status_code] += 1
    if (case.method == "DELETE" or case.operation.path.endswith("/retry")) and response.status_code < 300:
        for value in (case.path_parameters or {}).values():
            world.gone(value)
    if case.method == "PATCH" and response.status_code < 300 and response.json().get("status") == "suspended":
        world.gone(case.path_parameters["id"])
    if isinstance(case.body, dict) and response.status_code < 300:
        world.gone(case.body.get("refreshToken"))
        if case.body.get("role") == "owner":
            # It is another's group now.
            world.gone(case.path_parameters["id"])


@schemathesis.hook
def filter_failure(context, failure, case, response):
    """Of refused requests that fit the document, those that were refused for their shape."""
    if type(failure).__name__ == "UseAfterFree":
        # A deleted message keeps its place; that nothing else is left of it, other tests show.
        return "/messages/" not in case.operation.path
    if type(failure).__name__ != "RejectedPositiveData":
        return True
    problem = response.json()
    if problem["code"] != "E_INVALID":
        # Not E_HEADER_INVALID: If-Match is made without regard to its pattern (seen with 4.32.5). Nor
        # E_REQUEST_MALFORMED: no address holds U+0000, which the document says in words only.
        return problem["code"] in {"E_BODY_MALFORMED", "E_MEDIA_TYPE"}
    # How far a conversation has come is nothing that a schema could say; nor what the time is.
    known = {"too_large"} if case.operation.path.endswith(("/read", "/delivered")) else set()
    return any(error["code"] in SHAPE - known for error in problem["errors"])


def kind_of(path, name):
    if "/admin/jobs/" in path:
        return "letter"
    if name in ("messageId", "emoji"):
        return {"messageId": "message", "emoji": "emoji"}[name]
    if path.endswith("/presence"):
        return "friend"
    if name == "userId" or "/admin/users/" in path or path.endswith("/block"):
        return "person"
    if name == "idOrUsername":
        return "username"
    kinds = {"/posts/": "post", "/conversations/": "conversation", "/sessions/": "session"}
    return next((kind for piece, kind in kinds.items() if piece in path and name == "id"), None)


def half(value, any_text=False):
    try:
        return uuid.UUID(value).int % 2 == 1
    except (TypeError, ValueError, AttributeError):
        return any_text and isinstance(value, str) and len(value) > 3 and random.Random(value).random() < 0.5


def permitted():
    """The operations that the role may use, by the table of who may do what."""
    lines = (line.split() for line in POLICY.read_text().splitlines()[1:])
    rows = ((method, name, dict(zip(ROLES, allowed))) for method, _, name, _, *allowed in lines)
    return {name for method, name, allowed in rows if method != "EVENT" and allowed[ROLE] == "yes"}


CHECKS = "not_a_server_error status_code_conformance content_type_conformance response_headers_conformance"
CHECKS += " response_schema_conformance negative_data_rejection positive_data_acceptance missing_required_header"
CHECKS += " unsupported_method allow_header_conformance use_after_free ensure_resource_availability ignored_auth"


def trial(*limits):
    arguments = ["run", f"{BASE}/api-docs/openapi.json", "--checks", ",".join(CHECKS.split()), "--seed", "1", *limits]
    # What it would hide are tokens of a server that is gone by then.
    arguments += ["--output-sanitize", "false", "--generation-database", "none", "--no-color", "--warnings", "off"]
    try:
        cli.schemathesis.main([*arguments, "--continue-on-failure"])
    except SystemExit as end:
        return end.code or 0


# Every example and every limit that the document shows, and then what chance comes up with.
codes = [trial("--phases", "examples,coverage"), trial("--phases", "fuzzing,stateful", "--max-time", SECONDS)]
for (operation, status), count in sorted(answers.items()):
    print(f"{operation:<22} {status} {count:>5}")

# Whoever was never let in has tried nothing but the door.
succeeded = {operation for operation, status in answers if status < 300}
for operation in sorted(permitted() - succeeded):
    print(f"{operation}: open to {ROLE}, and never succeeded")
sys.exit(max(codes) or not permitted() <= succeeded)
