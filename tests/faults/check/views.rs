//! What everybody saw, against what they should have seen.

use std::collections::{BTreeMap, BTreeSet};

use uuid::Uuid;

use super::{Indexed, Invariant, Place, Violations};
use crate::faults::log::{Log, Record, Told};

/// What one person has seen of one conversation.
#[derive(Default)]
struct View {
    seen: BTreeSet<i64>,
    /// The connection that is looked at, and the number that has to be pushed next on it. None before joining.
    connection: u32,
    next: Option<i64>,
    /// Whether anything was pushed on this connection since joining.
    pushed: bool,
}

pub fn judge(log: &Log, stored: &Indexed, found: &mut Violations) {
    let mut views = BTreeMap::<(Uuid, usize), View>::new();
    let (mut last_connection, mut epochs) = (BTreeMap::new(), BTreeSet::new());
    for record in &log.0 {
        match record {
            Record::Connected { who, connection, .. } => _ = last_connection.insert(*who, *connection),
            Record::Joined { who, connection, conversation, head, epoch, resync } => {
                epochs.insert(*epoch);
                if *resync {
                    let told = format!("person {who} was told to begin {conversation} anew");
                    found.add(Invariant::OneEpoch, told);
                }
                views.entry((*conversation, *who)).or_default().joins(*connection, *head);
            }
            Record::Read { who, conversation, seq, message, .. } => {
                views.entry((*conversation, *who)).or_default().seen.insert(*seq);
                as_stored(stored, *conversation, *who, *seq, message.as_ref(), found);
            }
            Record::Pushed { who, connection, conversation, seq, message, .. } => {
                let view = views.entry((*conversation, *who)).or_default();
                if let Some(told) = view.is_pushed(*connection, *seq) {
                    let on = format!("person {who} in {conversation}, connection {connection}");
                    found.add(Invariant::PushedInOrder, format!("{on}: {told}"));
                }
                as_stored(stored, *conversation, *who, *seq, message.as_ref(), found);
            }
            Record::Entered { who, conversation } => {
                found.add(Invariant::MembersOnly, format!("person {who} was let into {conversation}"));
            }
            _ => {}
        }
    }
    if epochs.len() > 1 {
        found.add(Invariant::OneEpoch, format!("there were {epochs:?}"));
    }
    for (conversation, members) in log.conversations() {
        let Some(place) = stored.0.get(&conversation) else { continue };
        let Some(head) = log.settled(conversation) else { continue };
        for who in members {
            let left_at = log.user(*who).and_then(|user| place.left_at(user));
            let view = views.remove(&(conversation, *who)).unwrap_or_default();
            let on = last_connection.get(who).copied();
            whole(&format!("person {who} in {conversation}"), &view, head, left_at, on, found);
        }
    }
    for ((conversation, who), view) in views {
        let seen = view.seen;
        found.add(Invariant::MembersOnly, format!("person {who} saw {seen:?} of {conversation}"));
    }
}

impl View {
    fn joins(&mut self, connection: u32, head: i64) {
        // Joining again on the same connection, for the next page, changes nothing about the pushes.
        if self.connection != connection || self.next.is_none() {
            (self.connection, self.next, self.pushed) = (connection, Some(head + 1), false);
        }
    }

    /// Says what is wrong with it.
    fn is_pushed(&mut self, connection: u32, seq: i64) -> Option<String> {
        self.seen.insert(seq);
        let Some(next) = self.next.filter(|_| self.connection == connection) else {
            return Some(format!("{seq} was pushed before joining was answered"));
        };
        // What joining has answered may be pushed as well.
        let repeats = !self.pushed && seq < next;
        (self.next, self.pushed) = (Some(next.max(seq + 1)), true);
        (seq != next && !repeats).then(|| format!("{seq} was pushed in the place of {next}"))
    }
}

fn as_stored(
    stored: &Indexed,
    conversation: Uuid,
    who: usize,
    seq: i64,
    told: Option<&Told>,
    found: &mut Violations,
) {
    let place = stored.0.get(&conversation);
    let is = place.and_then(|place: &Place| place.by_seq.get(&seq));
    let same = match (is, told) {
        (Some((_, Some(message))), Some(told)) => told.is(message) && told.seq == seq,
        (Some((event, None)), None) => !event.is_message(),
        _ => false,
    };
    if !same {
        let event = is.map(|(event, message)| (event, message));
        found.add(
            Invariant::SeenAsStored,
            format!("person {who} saw {told:?} at {seq} of {conversation}; there is {event:?}"),
        );
    }
}

/// A member's view, when everything has settled. `on` is their last connection.
fn whole(of: &str, view: &View, head: i64, left_at: Option<i64>, on: Option<u32>, found: &mut Violations) {
    if let Some(left_at) = left_at
        && let Some(more) = view.seen.range(left_at + 1..).next()
    {
        found.add(Invariant::MembersOnly, format!("{of}: left at {left_at} and saw {more}"));
    }
    // Who has left may have been away at the time, and isn't told anything since.
    let end = match left_at {
        Some(_) => view.seen.last().copied().unwrap_or(0),
        None => head,
    };
    let missing: Vec<i64> = (1..=end).filter(|seq| !view.seen.contains(seq)).collect();
    if let [first, ..] = missing[..] {
        let told = format!("{of}: {} of {end} are missing, the first is {first}", missing.len());
        found.add(Invariant::EverythingArrives, told);
    }
    let pushed_to = view.next.map_or(0, |next| next - 1);
    if left_at.is_none() && on == Some(view.connection) && pushed_to < head {
        found.add(Invariant::EverythingIsPushed, format!("{of}: pushed up to {pushed_to} of {head}"));
    }
}
