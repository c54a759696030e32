//! The judge: compares what clients were told with what is stored. Each promise is an [`Invariant`] of its own;
//! `planted` shows that each is noticed when it is broken.

mod messages;
mod numbers;
#[cfg(test)]
mod planted;
mod views;

use std::{collections::BTreeMap, fmt};

use uuid::Uuid;

use super::{
    log::{Log, Told},
    stored::{Conversation, Event, Message, Stored},
};

/// What must hold, whatever has died in between.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Invariant {
    /// What was acknowledged is stored.
    AcknowledgedIsStored,
    /// ... as it was acknowledged: its number, its sender, its text.
    AcknowledgedAsStored,
    /// However often it was sent, and whatever became of the answers, it is stored once.
    StoredOnce,
    /// What was refused, and never anything else, isn't stored.
    RefusedIsNotStored,
    /// Nothing is stored that nobody sent.
    OnlyWhatWasSent,
    /// Numbers go from 1 to the stream's counter, each once.
    NoGap,
    /// One socket's messages have numbers in the order they were sent in.
    OrderOfSending,
    /// On one connection, pushes begin where joining ended, and leave nothing out.
    PushedInOrder,
    /// Who stays connected is pushed everything, without asking.
    EverythingIsPushed,
    /// With what joining again answers, everybody has everything.
    EverythingArrives,
    /// What arrives is what is stored.
    SeenAsStored,
    /// Who isn't a member sees nothing.
    MembersOnly,
    /// The database lives one life: nobody is told to begin anew.
    OneEpoch,
}

/// A promise that was broken, and how.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Violation {
    pub invariant: Invariant,
    pub told: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.invariant, self.told)
    }
}

/// Everything that is wrong; nothing when all is well.
pub fn judge(log: &Log, stored: &Stored) -> Vec<Violation> {
    let stored = Indexed::of(stored);
    let mut found = Violations::default();
    messages::judge(log, &stored, &mut found);
    numbers::judge(log, &stored, &mut found);
    views::judge(log, &stored, &mut found);
    found.0
}

#[derive(Default)]
struct Violations(Vec<Violation>);

impl Violations {
    fn add(&mut self, invariant: Invariant, told: impl Into<String>) {
        self.0.push(Violation { invariant, told: told.into() });
    }
}

/// What is stored, to be looked up.
struct Indexed<'a>(BTreeMap<Uuid, Place<'a>>);

struct Place<'a> {
    conversation: &'a Conversation,
    by_id: BTreeMap<Uuid, &'a Message>,
    by_seq: BTreeMap<i64, (&'a Event, Option<&'a Message>)>,
    /// How many events there are about something.
    about: BTreeMap<Uuid, usize>,
}

impl<'a> Indexed<'a> {
    fn of(stored: &'a Stored) -> Self {
        Self(stored.0.iter().map(|(id, conversation)| (*id, Place::of(conversation))).collect())
    }

    fn message(&self, conversation: Uuid, id: Uuid) -> Option<&'a Message> {
        self.0.get(&conversation)?.by_id.get(&id).copied()
    }
}

impl<'a> Place<'a> {
    fn of(conversation: &'a Conversation) -> Self {
        let by_id: BTreeMap<_, _> =
            conversation.messages.iter().map(|message| (message.id, message)).collect();
        let mut about = BTreeMap::new();
        for event in conversation.events.iter().filter(|event| event.is_message()) {
            *about.entry(event.subject).or_default() += 1;
        }
        let place = |event: &'a Event| {
            let message = event.is_message().then(|| by_id.get(&event.subject).copied()).flatten();
            (event.seq, (event, message))
        };
        let by_seq = conversation.events.iter().map(place).collect();
        Self { conversation, by_id, by_seq, about }
    }

    /// Where this user left, if they did.
    fn left_at(&self, user: Uuid) -> Option<i64> {
        let leaving = |event: &&Event| event.kind == "memberLeft" && event.subject == user;
        self.conversation.events.iter().rev().find(leaving).map(|event| event.seq)
    }
}

impl Event {
    fn is_message(&self) -> bool {
        self.kind == "message"
    }
}

impl Told {
    /// Whether it tells what is stored.
    fn is(&self, message: &Message) -> bool {
        self.id == message.id
            && self.seq == message.seq
            && self.sender_id == message.sender
            && same_text(&self.text, self.length, message)
    }
}

/// A text is told by its beginning and its length.
fn same_text(text: &str, length: usize, message: &Message) -> bool {
    message.content.starts_with(text) && message.content.chars().count() == length
}
