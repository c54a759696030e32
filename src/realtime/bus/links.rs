//! The connections to Redis: one, or one for each master of a cluster.

use futures_util::future::try_join_all;
use redis::{Pipeline, PushInfo, aio::MultiplexedConnection};

use super::channel::Channel;
use crate::infra::redis::{Redis, RedisFault, Server, slot};

/// Open connections. In a cluster channels are sharded: said and heard at the server that has their slot.
pub struct Links {
    sharded: bool,
    pub servers: Vec<Server>,
    connections: Vec<MultiplexedConnection>,
}

/// What one of them is asked in one go; all of it is answered, in order.
pub struct Errand {
    sharded: bool,
    of: Vec<Pipeline>,
}

impl Links {
    /// Finds the servers and connects to all of them. What they say goes to `hear`.
    pub async fn open(
        redis: &Redis,
        hear: impl Fn(PushInfo) + Clone + Send + Sync + 'static,
    ) -> Result<Self, RedisFault> {
        let servers = redis.locate().await?;
        let connections = servers.iter().map(|server| redis.connect(server, hear.clone()));
        let connections = try_join_all(connections).await?;
        Ok(Self { sharded: redis.is_cluster(), servers, connections })
    }

    pub fn errand(&self) -> Errand {
        Errand { sharded: self.sharded, of: vec![Pipeline::new(); self.connections.len()] }
    }

    /// Runs an errand at all servers at once.
    pub async fn run(&mut self, errand: Errand) -> Result<(), RedisFault> {
        let pairs = self.connections.iter_mut().zip(errand.of).filter(|(_, pipeline)| !pipeline.is_empty());
        let asked =
            pairs.map(async |(connection, pipeline)| pipeline.query_async::<redis::Value>(connection).await);
        try_join_all(asked).await?;
        Ok(())
    }

    /// Which connection a channel belongs to.
    fn place(&self, channel: &str) -> usize {
        if !self.sharded {
            return 0;
        }
        let slot = slot(channel);
        let owns = |server: &Server| server.slots.iter().any(|slots| slots.contains(&slot));
        self.servers.iter().position(owns).expect("every slot is served")
    }
}

impl Errand {
    pub fn publish(&mut self, links: &Links, channel: &str, bytes: Vec<u8>) {
        let verb = if self.sharded { "SPUBLISH" } else { "PUBLISH" };
        self.of[links.place(channel)].cmd(verb).arg(channel).arg(bytes);
    }

    pub fn subscribe(&mut self, links: &Links, channel: &Channel, prefix: &str) {
        self.listen(links, channel, prefix, ["SUBSCRIBE", "SSUBSCRIBE", "PSUBSCRIBE"]);
    }

    pub fn unsubscribe(&mut self, links: &Links, channel: &Channel, prefix: &str) {
        self.listen(links, channel, prefix, ["UNSUBSCRIBE", "SUNSUBSCRIBE", "PUNSUBSCRIBE"]);
    }

    /// What isn't sharded every node of a cluster hears, so any will do.
    fn listen(&mut self, links: &Links, channel: &Channel, prefix: &str, verbs: [&str; 3]) {
        let [plain, sharded, pattern] = verbs;
        let name = channel.name(prefix);
        let (verb, place) = match channel {
            Channel::Pattern(_) => (pattern, 0),
            _ if self.sharded => (sharded, links.place(&name)),
            _ => (plain, 0),
        };
        self.of[place].cmd(verb).arg(name);
    }

    /// Every server has to answer.
    pub fn ping(&mut self) {
        for pipeline in &mut self.of {
            pipeline.cmd("PING");
        }
    }
}
