//! A Socket.IO client that polls, and only when the test says so.

use serde_json::{Value, json};

use super::{Held, held::Told};

/// An authenticated session over a connection that the test has made.
pub struct PollingClient {
    connection: Held,
    path: String,
}

impl PollingClient {
    pub async fn connect(connection: Held, token: &str) -> Self {
        let client = Self::open(connection).await;
        assert_eq!(client.post(&format!("40{}", json!({ "token": token }))).await.status, 200);
        client.poll_until("40{\"sid\"").await;
        client
    }

    /// A session that hasn't said who it is.
    pub async fn open(connection: Held) -> Self {
        let told = connection.get("/socket.io/?EIO=4&transport=polling").await.text;
        let open: Value =
            told.strip_prefix('0').and_then(|open| serde_json::from_str(open).ok()).expect("a greeting");
        let sid = open["sid"].as_str().expect("a session has an id");
        Self { connection, path: format!("/socket.io/?EIO=4&transport=polling&sid={sid}") }
    }

    /// Where it polls.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Sends an event that asks for no answer.
    pub async fn emit(&self, event: &str, payload: Value) {
        assert_eq!(self.post(&format!("42{}", json!([event, payload]))).await.text, "ok");
    }

    /// Sends packets as they are.
    pub async fn post(&self, packets: &str) -> Told {
        let (body, answer) = self.connection.begin("POST", &self.path, &[("content-type", "text/plain")]);
        body.send(packets.to_owned()).expect("the request is open");
        drop(body);
        super::within("an answer", answer).await.expect("it isn't cancelled").expect("it is answered")
    }

    /// What has come since, packets with U+001E between them; waits for the first.
    pub async fn poll(&self) -> Told {
        self.connection.get(&self.path).await
    }

    /// Polls until something with these words has come, and gives what came with it.
    pub async fn poll_until(&self, words: &str) -> String {
        loop {
            let told = self.poll().await;
            assert_eq!(told.status, 200, "before {words} came: {}", told.text);
            if told.text.contains(words) {
                return told.text;
            }
        }
    }
}
