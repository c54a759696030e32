"""What every client written in Python begins with: requests that must succeed, and new accounts."""

import os
import uuid

import requests

BASE = os.environ["ROOKERY_URL"]
PASSWORD = "correct horse battery"
DEADLINE = 20


def rest(method, path, token=None, **body):
    headers = {"authorization": f"Bearer {token}"} if token else {}
    answer = requests.request(method, f"{BASE}/api/v1{path}", headers=headers, json=body or None, timeout=DEADLINE)
    assert answer.status_code < 300, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json() if answer.text else None


def newcomer(name):
    username = f"{name}-{uuid.uuid4().hex[:8]}"
    account = {"username": username, "email": f"{username}@example.com", "password": PASSWORD}
    return rest("POST", "/auth/register", **account)
