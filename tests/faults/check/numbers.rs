//! The numbers of a conversation: no gap, none twice, in the order of sending.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Indexed, Invariant, Place, Violations};
use crate::faults::log::{Log, Outcome};

pub fn judge(log: &Log, stored: &Indexed, found: &mut Violations) {
    for (id, place) in &stored.0 {
        no_gap(*id, place, found);
    }
    order_of_sending(log, found);
}

fn no_gap(id: Uuid, place: &Place, found: &mut Violations) {
    let conversation = place.conversation;
    let numbers: Vec<i64> = conversation.events.iter().map(|event| event.seq).collect();
    let wanted: Vec<i64> = (1..=conversation.last_seq).collect();
    if numbers != wanted {
        let at = numbers.iter().zip(&wanted).position(|(is, wanted)| is != wanted);
        let at = at.unwrap_or(numbers.len().min(wanted.len()));
        let (is, last) = (numbers.get(at), conversation.last_seq);
        found.add(
            Invariant::NoGap,
            format!("{id} has grown to {last}; in the place of {} there is {is:?}", at + 1),
        );
    }
    for row in &conversation.messages {
        let event = place.by_seq.get(&row.seq).map(|(event, _)| event.subject);
        if event != Some(row.id) {
            found.add(Invariant::NoGap, format!("{id} has {row:?}, and at its number {event:?}"));
        }
    }
}

/// Of what was acknowledged at the first attempt: what is sent again keeps the number it had.
fn order_of_sending(log: &Log, found: &mut Violations) {
    let mut sent = BTreeMap::<_, Vec<(u64, i64)>>::new();
    for call in log.calls().filter(|call| call.outcome == Outcome::Ok && call.attempt == 1) {
        if let (Some(connection), Some(told)) = (call.connection, &call.message) {
            let place = (call.who, connection, call.conversation);
            sent.entry(place).or_default().push((call.n, told.seq));
        }
    }
    for ((who, connection, _), mut messages) in sent {
        messages.sort_unstable();
        for pair in messages.windows(2) {
            let [(first, seq), (second, next)] = [pair[0], pair[1]];
            if seq >= next {
                let on = format!("person {who}, connection {connection}");
                let told = format!("{on}: call {first} was given number {seq}, call {second} {next}");
                found.add(Invariant::OrderOfSending, told);
            }
        }
    }
}
