//! A conversation and people in it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{SocketClient, TestApp, User};

/// A conversation that exists.
#[derive(Debug, Clone)]
pub struct Chat {
    pub id: String,
}

impl Chat {
    /// A group of these people, owned by the first.
    pub async fn group(people: &[&User]) -> Self {
        let ids: Vec<&str> = people.iter().map(|person| person.id.as_str()).collect();
        let body = json!({ "memberIds": ids, "name": "a group" });
        Self { id: people[0].post("/conversations", body).await.expect(201).text("id") }
    }

    /// Two new people, `ana` and `ben`, and their direct conversation.
    pub async fn direct(app: &TestApp) -> (Self, User, User) {
        let (ana, ben) = (app.user("ana").await, app.user("ben").await);
        let answer = ana.post("/conversations", json!({ "memberIds": [ben.id] })).await.expect(201);
        (Self { id: answer.text("id") }, ana, ben)
    }

    /// A new message as REST takes it.
    pub fn message(content: &str) -> Value {
        json!({ "messageId": Uuid::new_v4(), "content": content })
    }

    /// The same as the socket takes it.
    pub fn payload(&self, message: &Value) -> Value {
        let mut payload = message.clone();
        payload["conversationId"] = json!(self.id);
        payload
    }

    /// Sends over REST and gives back the stored message.
    pub async fn send(&self, sender: &User, content: &str) -> Value {
        let path = self.path("messages");
        sender.post(&path, Self::message(content)).await.expect(201).body
    }

    /// Joins this socket; the answer's data.
    pub async fn join(&self, socket: &SocketClient, after: Option<i64>) -> Value {
        let payload = match after {
            Some(after) => json!({ "conversationId": self.id, "after": after }),
            None => json!({ "conversationId": self.id }),
        };
        socket.call("joinConversation", payload).await.expect("a member may join")
    }

    /// What an event about this message says.
    pub fn about(&self, message: &Value, rest: Value) -> Value {
        let mut payload = rest;
        (payload["conversationId"], payload["messageId"]) = (json!(self.id), message["id"].clone());
        payload
    }

    /// Where this message is.
    pub fn path_of(&self, message: &Value) -> String {
        self.path(&format!("messages/{}", message["id"].as_str().expect("a message has an id")))
    }

    pub fn path(&self, rest: &str) -> String {
        format!("/conversations/{}/{rest}", self.id)
    }

    /// Every event, in order, read page by page.
    pub async fn events(&self, reader: &User) -> Vec<Value> {
        let mut events: Vec<Value> = Vec::new();
        loop {
            let after = events.last().map_or(0, |event| event["seq"].as_i64().expect("events have numbers"));
            let page = reader.get(&self.path(&format!("events?after={after}"))).await.expect(200);
            events.extend(page.items().iter().cloned());
            if page.body["hasMore"] == false {
                return events;
            }
            assert!(!page.items().is_empty(), "there is more after {after}, but nothing comes");
        }
    }
}

/// The numbers of messages or events.
pub fn seqs(items: &[Value]) -> Vec<i64> {
    items.iter().map(|item| item["seq"].as_i64().expect("it has a number")).collect()
}
