//! What was sent and answered, against the messages that are stored.

use std::collections::{BTreeMap, HashMap};

use uuid::Uuid;

use super::{Indexed, Invariant, Violations, same_text};
use crate::faults::log::{Call, Log, Outcome};

pub fn judge(log: &Log, stored: &Indexed, found: &mut Violations) {
    let mut sent = BTreeMap::<(Uuid, Uuid), Vec<&Call>>::new();
    for call in log.calls() {
        sent.entry((call.conversation, call.id)).or_default().push(call);
    }
    for ((conversation, id), calls) in &sent {
        acknowledged(stored, calls, found);
        refused(stored, calls, found);
        let events = stored.0.get(conversation).and_then(|place| place.about.get(id)).copied();
        if events.unwrap_or(0) > 1 {
            found.add(Invariant::StoredOnce, format!("there are {events:?} events about message {id}"));
        }
    }
    only_what_was_sent(log, stored, &sent, found);
}

fn acknowledged(stored: &Indexed, calls: &[&Call], found: &mut Violations) {
    for call in calls.iter().filter(|call| call.outcome == Outcome::Ok) {
        let (id, text) = (call.id, &call.text);
        let Some(row) = stored.message(call.conversation, id) else {
            found.add(
                Invariant::AcknowledgedIsStored,
                format!("{id} ({text:?}) was acknowledged and isn't there"),
            );
            continue;
        };
        if !call.message.as_ref().is_some_and(|told| told.is(row)) {
            let told = &call.message;
            found.add(
                Invariant::AcknowledgedAsStored,
                format!("{id} was acknowledged as {told:?} and is {row:?}"),
            );
        }
    }
}

fn refused(stored: &Indexed, calls: &[&Call], found: &mut Violations) {
    let first = calls[0];
    let all = calls.iter().all(|call| call.outcome == Outcome::Failed);
    if all && stored.message(first.conversation, first.id).is_some() {
        let (id, code) = (first.id, &first.code);
        found.add(Invariant::RefusedIsNotStored, format!("{id} was refused ({code:?}) and is there"));
    }
}

fn only_what_was_sent(
    log: &Log,
    stored: &Indexed,
    sent: &BTreeMap<(Uuid, Uuid), Vec<&Call>>,
    found: &mut Violations,
) {
    let mut texts = HashMap::new();
    for (conversation, place) in &stored.0 {
        for row in place.by_id.values() {
            let (id, sender) = (row.id, row.sender);
            // No text is sent twice.
            if let Some(other) = texts.insert((sender, &row.content), id) {
                found.add(Invariant::StoredOnce, format!("{other} and {id} hold the same message"));
            }
            let by_sender = |call: &&&Call| log.user(call.who) == Some(sender);
            let same = |call: &&&Call| same_text(&call.text, call.length, row);
            let call = sent.get(&(*conversation, id)).and_then(|calls| calls.iter().find(by_sender));
            if call.filter(|call| same(call)).is_none() {
                found.add(Invariant::OnlyWhatWasSent, format!("nobody sent what is stored: {row:?}"));
            }
        }
    }
}
