//! The bus as the sockets' adapter sees it: what nodes do to each other's rooms.
//!
//! Nothing of it fails or waits, so what an adapter does to the sockets of its own node is done whatever became of
//! Redis.

use std::convert::Infallible;

use socketioxide_redis::drivers::{ChanItem, Driver, MessageStream};

use super::{Bus, word::Word};

impl Driver for Bus {
    type Error = Infallible;

    async fn publish(&self, channel: String, bytes: Vec<u8>) -> Result<(), Infallible> {
        match self {
            Self::Memory(bus) => bus.tell(Word::Adapter(channel, bytes)),
            Self::Redis(bus) => bus.tell_adapters(channel, &bytes),
        }
        Ok(())
    }

    async fn subscribe(&self, channel: String, behind: usize) -> Result<MessageStream<ChanItem>, Infallible> {
        let receiver = self.ears().listen(channel.clone(), behind);
        match self {
            Self::Memory(_) => {}
            Self::Redis(bus) => bus.follow_adapter(channel),
        }
        Ok(MessageStream::new(receiver))
    }

    async fn unsubscribe(&self, channel: String) -> Result<(), Infallible> {
        self.ears().stop_listening(&channel);
        match self {
            Self::Memory(_) => {}
            Self::Redis(bus) => bus.unfollow_adapter(channel),
        }
        Ok(())
    }

    /// How many nodes an answer is waited for from; this one is among them.
    async fn num_serv(&self, channel: &str) -> Result<u16, Infallible> {
        let nodes = match self {
            Self::Memory(bus) => bus.listeners(channel),
            Self::Redis(bus) => bus.nodes(),
        };
        Ok(u16::try_from(nodes).unwrap_or(u16::MAX))
    }
}
