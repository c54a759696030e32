//! What clients tell of themselves: every call, and everything that arrived.

use serde::Deserialize;
use uuid::Uuid;

/// One line of it. The times are milliseconds since 1970.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase")]
pub enum Record {
    Person {
        who: usize,
        user: Uuid,
    },
    Conversation {
        conversation: Uuid,
        members: Vec<usize>,
    },
    /// Everybody is there and has begun.
    Ready,
    Connected {
        who: usize,
        connection: u32,
    },
    Cut,
    Call(Call),
    /// The answer to joining; the events in it follow.
    Joined {
        who: usize,
        connection: u32,
        conversation: Uuid,
        head: i64,
        epoch: Uuid,
        /// They are told to begin anew.
        resync: bool,
    },
    /// An event from the answer to joining.
    Read {
        who: usize,
        conversation: Uuid,
        seq: i64,
        message: Option<Told>,
    },
    Pushed {
        at: u64,
        who: usize,
        connection: u32,
        conversation: Uuid,
        seq: i64,
        message: Option<Told>,
    },
    /// Somebody was let into a conversation that isn't theirs.
    Entered {
        who: usize,
        conversation: Uuid,
    },
    /// All calls are answered; everybody has had time to get everything up to here.
    Settled {
        conversation: Uuid,
        head: i64,
    },
    Done,
}

/// An attempt to send a message.
#[derive(Debug, Clone, Deserialize)]
pub struct Call {
    /// When it began, and how many milliseconds it took.
    pub at: u64,
    pub took: u64,
    pub who: usize,
    /// The sender's how-manieth call this is, and the how-manieth with this message.
    pub n: u64,
    pub attempt: u32,
    /// Which of the sender's sockets; none over REST.
    pub connection: Option<u32>,
    pub conversation: Uuid,
    pub id: Uuid,
    pub text: String,
    pub length: usize,
    pub outcome: Outcome,
    pub code: Option<String>,
    /// What was acknowledged.
    pub message: Option<Told>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Outcome {
    Ok,
    /// Refused: it was not stored.
    Failed,
    /// No answer, or one that says that it may have been stored.
    Unknown,
}

/// A message as a client was told of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Told {
    pub id: Uuid,
    pub seq: i64,
    pub sender_id: Uuid,
    /// How it begins.
    pub text: String,
    pub length: usize,
}

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct Log(pub Vec<Record>);

impl Log {
    pub fn calls(&self) -> impl Iterator<Item = &Call> {
        self.0.iter().filter_map(|record| match record {
            Record::Call(call) => Some(call),
            _ => None,
        })
    }

    /// The id of somebody's account.
    pub fn user(&self, person: usize) -> Option<Uuid> {
        self.0.iter().find_map(|record| match record {
            Record::Person { who, user } if *who == person => Some(*user),
            _ => None,
        })
    }

    /// Each conversation, with the people who were in it from the beginning.
    pub fn conversations(&self) -> impl Iterator<Item = (Uuid, &[usize])> {
        self.0.iter().filter_map(|record| match record {
            Record::Conversation { conversation, members } => Some((*conversation, &members[..])),
            _ => None,
        })
    }

    /// How far a conversation had grown when everybody had had time to get everything.
    pub fn settled(&self, wanted: Uuid) -> Option<i64> {
        self.0.iter().find_map(|record| match record {
            Record::Settled { conversation, head } if *conversation == wanted => Some(*head),
            _ => None,
        })
    }
}
