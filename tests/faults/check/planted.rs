//! The judge is judged: a run in which all is well, and one fault planted into it at a time.

mod seeing;
mod sending;

use uuid::Uuid;

use super::{Invariant, judge};
use crate::faults::{
    log::{Call, Log, Outcome, Record, Told},
    stored::{Conversation, Event, Message, Stored},
};

const HERE: Uuid = Uuid::from_u128(1);
const ELSEWHERE: Uuid = Uuid::from_u128(2);

const fn user(who: usize) -> Uuid {
    Uuid::from_u128(100 + who as u128)
}

const fn id(n: i64) -> Uuid {
    Uuid::from_u128(1000 + n as u128)
}

fn told(seq: i64) -> Told {
    Told { id: id(seq), seq, sender_id: user(0), text: format!("0-{seq}"), length: 3 }
}

fn call(n: i64, outcome: Outcome) -> Call {
    let Told { id, text, length, .. } = told(n);
    let message = (outcome == Outcome::Ok).then(|| told(n));
    Call {
        at: 0,
        took: 1,
        who: 0,
        n: n as u64,
        attempt: 1,
        connection: Some(1),
        conversation: HERE,
        id,
        text,
        length,
        outcome,
        code: None,
        message,
    }
}

fn pushed(who: usize, seq: i64) -> Record {
    Record::Pushed { at: 0, who, connection: 1, conversation: HERE, seq, message: Some(told(seq)) }
}

fn joined(who: usize, connection: u32, head: i64) -> Record {
    Record::Joined { who, connection, conversation: HERE, head, epoch: Uuid::nil(), resync: false }
}

/// Persons 0 and 1 are members, person 2 isn't. Person 0 sends three messages, which both are pushed.
fn good() -> (Log, Stored) {
    let mut log: Vec<Record> = (0..3).map(|who| Record::Person { who, user: user(who) }).collect();
    log.push(Record::Conversation { conversation: HERE, members: vec![0, 1] });
    for who in 0..2 {
        log.extend([Record::Connected { who, connection: 1 }, joined(who, 1, 0)]);
    }
    for seq in 1..=3 {
        log.extend([pushed(0, seq), pushed(1, seq), Record::Call(call(seq, Outcome::Ok))]);
    }
    log.extend([Record::Settled { conversation: HERE, head: 3 }, Record::Done]);
    let event = |seq| Event { seq, kind: "message".into(), subject: id(seq) };
    let message = |seq| Message { id: id(seq), seq, sender: user(0), content: format!("0-{seq}") };
    let conversation = Conversation {
        last_seq: 3,
        events: (1..=3).map(event).collect(),
        messages: (1..=3).map(message).collect(),
    };
    (Log(log), Stored([(HERE, conversation)].into()))
}

/// What is found when this is done to a good run; each invariant once.
fn found(plant: impl FnOnce(&mut Vec<Record>, &mut Conversation)) -> Vec<Invariant> {
    let (mut log, mut stored) = good();
    plant(&mut log.0, stored.0.get_mut(&HERE).unwrap());
    let mut found: Vec<Invariant> =
        judge(&log, &stored).into_iter().map(|violation| violation.invariant).collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// The nth call of the log.
fn nth_call(log: &mut [Record], n: usize) -> &mut Call {
    let calls = log.iter_mut().filter_map(|record| match record {
        Record::Call(call) => Some(call),
        _ => None,
    });
    calls.into_iter().nth(n).unwrap()
}

fn drop_pushes(log: &mut Vec<Record>, of: usize, from: i64) {
    log.retain(|record| !matches!(record, Record::Pushed { who, seq, .. } if *who == of && *seq >= from));
}

/// Everybody had time to get everything up to here.
fn settle(log: &mut Vec<Record>, head: i64) {
    log.retain(|record| !matches!(record, Record::Settled { .. }));
    log.push(Record::Settled { conversation: HERE, head });
}

#[test]
fn when_all_is_well_nothing_is_found() {
    assert_eq!(found(|_, _| {}), []);
}
