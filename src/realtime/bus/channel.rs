//! Where something is said.

use uuid::Uuid;

use crate::wire::{StreamId, UserId};

/// A channel of Redis, without the prefix of the installation.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Channel {
    /// What concerns everybody.
    All,
    /// Only those hear it who follow the stream.
    Stream(StreamId),
    /// Only those hear it whose sockets watch whether this person is here.
    Person(UserId),
    /// What nodes do to each other's rooms; the sockets' adapter has several, and names them.
    Adapter(String),
    /// Not ours, and without our prefix: those that official emitters write to.
    Pattern(String),
}

const ALL: &str = ":nodes";
const STREAM: &str = ":stream:";
const PERSON: &str = ":person:";
/// What the adapter's own names begin with.
pub const ADAPTER: &str = "io";

impl Channel {
    pub fn name(&self, prefix: &str) -> String {
        match self {
            Self::All => format!("{prefix}{ALL}"),
            Self::Stream(stream) => format!("{prefix}{STREAM}{stream}"),
            Self::Person(user) => format!("{prefix}{PERSON}{user}"),
            Self::Adapter(name) => format!("{prefix}:{name}"),
            Self::Pattern(pattern) => pattern.clone(),
        }
    }

    /// What emitters of this key write to. Events name a room in the channel when there is just one.
    pub fn of_emitters(key: &str) -> [Self; 2] {
        [format!("{key}#/#*"), format!("{key}-request#/#")].map(Self::Pattern)
    }

    /// The channel of this name, if it is one of ours.
    pub fn of(name: &[u8], prefix: &str) -> Option<Self> {
        let rest = name.strip_prefix(prefix.as_bytes())?;
        if rest == ALL.as_bytes() {
            return Some(Self::All);
        }
        if let Some(id) = rest.strip_prefix(STREAM.as_bytes()) {
            return Uuid::try_parse_ascii(id).ok().map(|id| Self::Stream(StreamId(id)));
        }
        if let Some(id) = rest.strip_prefix(PERSON.as_bytes()) {
            return Uuid::try_parse_ascii(id).ok().map(|id| Self::Person(UserId(id)));
        }
        let name = std::str::from_utf8(rest.strip_prefix(b":")?).ok()?;
        name.starts_with(ADAPTER).then(|| Self::Adapter(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_leads_back_to_its_channel() {
        let adapter = Channel::Adapter(format!("{ADAPTER}-request#/#"));
        let person = Channel::Person(UserId(Uuid::from_u128(9)));
        for channel in [Channel::All, Channel::Stream(StreamId(Uuid::from_u128(9))), person, adapter] {
            let name = channel.name("mine");
            assert_eq!(Channel::of(name.as_bytes(), "mine"), Some(channel));
            assert_eq!(Channel::of(name.as_bytes(), "theirs"), None);
        }
        for other in ["mine", "mine:stream:", "mine:stream:x", "mine:nodes:", ""] {
            assert_eq!(Channel::of(other.as_bytes(), "mine"), None, "{other}");
        }
    }
}
