//! Two nodes that share a Redis, and what tells that they do.

use std::time::{Duration, Instant};

use crate::support::{Chat, Settings, SocketClient, TestApp, User, eventually};

/// Two nodes of one installation, and a conversation between Ana on one and Ben on the other.
pub struct Pair {
    pub here: TestApp,
    pub there: TestApp,
    pub chat: Chat,
    pub ana: User,
    /// Ana's own, on her node.
    pub own: SocketClient,
    pub reader: SocketClient,
    seq: i64,
}

impl Pair {
    /// With these settings of Redis.
    pub async fn with(change: impl Fn(&mut Settings)) -> Self {
        let here = TestApp::with(change).await;
        let there = TestApp::second_node(&here).await;
        let (chat, ana, ben) = Chat::direct(&here).await;
        let (own, reader) = (ana.socket().await, ben.on(&there).socket().await);
        chat.join(&own, None).await;
        chat.join(&reader, None).await;
        Self { here, there, chat, ana, own, reader, seq: 0 }
    }

    /// Sends so many, one after the other has reached everybody; how long it took.
    pub async fn cross(&mut self, count: usize) -> Duration {
        let begun = Instant::now();
        for _ in 0..count {
            self.send().await;
            assert_eq!(self.reader.next("receiveMessage").await["seq"], self.seq);
        }
        begun.elapsed()
    }

    /// Sends one, which arrives where it was sent at once; how long both took.
    pub async fn send(&mut self) -> Duration {
        let begun = Instant::now();
        self.seq += 1;
        self.chat.send(&self.ana, "hello").await;
        assert_eq!(self.own.next("receiveMessage").await["seq"], self.seq);
        begun.elapsed()
    }

    /// What comes is what was sent, in order, until the last.
    pub async fn catches_up(&mut self, from: i64) {
        for seq in from..=self.seq {
            assert_eq!(self.reader.next("receiveMessage").await["seq"], seq);
        }
    }

    /// Both nodes say so of Redis, and serve all the same.
    pub async fn say_of_redis(&self, status: &str) {
        says_of_redis(&self.here, status).await;
        says_of_redis(&self.there, status).await;
    }

    /// Ten messages cross, faster than asking the database once a second would have it.
    pub async fn are_joined(&mut self) {
        self.say_of_redis("ok").await;
        let took = self.cross(10).await;
        assert!(took < Duration::from_secs(5), "{took:?}");
    }
}

/// The node's health says so of Redis; it is well, whatever that is.
pub async fn says_of_redis(node: &TestApp, status: &str) {
    eventually(async || {
        let health = node.anonymous().get("//health").await.expect(200);
        (health.body["checks"]["redis"]["status"] == status).then_some(())
    })
    .await;
}
