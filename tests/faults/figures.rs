//! What a fault was felt as.

use std::{
    collections::{BTreeMap, HashMap},
    fmt,
};

use uuid::Uuid;

use super::{
    log::{Log, Outcome, Record},
    pace::Share,
};

/// The line of the table that a scenario ends with.
#[derive(Debug, Default)]
pub struct Figures {
    pub ok: usize,
    pub failed: usize,
    pub unknown: usize,
    pub deliveries: usize,
    /// From a message's first sending to each arrival.
    pub took: Share,
    /// The longest that anybody waited between two acknowledgements, while sending all the time; milliseconds.
    pub outage: u64,
    /// From the end of the fault until everybody was served again; milliseconds.
    pub recovery: u64,
}

impl Figures {
    pub fn of(log: &Log, healed_at: u64) -> Self {
        let mut figures = Self::default();
        let mut served = BTreeMap::<usize, Vec<u64>>::new();
        let (sent, mut took) = (first_sent(log), Vec::new());
        for record in &log.0 {
            match record {
                Record::Call(call) => match call.outcome {
                    Outcome::Ok => {
                        figures.ok += 1;
                        served.entry(call.who).or_default().push(call.at + call.took);
                    }
                    Outcome::Failed => figures.failed += 1,
                    Outcome::Unknown => figures.unknown += 1,
                },
                Record::Pushed { at, message: Some(message), .. } => {
                    figures.deliveries += 1;
                    took.extend(sent.get(&message.id).map(|sent| at.saturating_sub(*sent)));
                }
                _ => {}
            }
        }
        figures.took = Share::of(took);
        for mut moments in served.into_values() {
            moments.sort_unstable();
            let gaps = moments.windows(2).map(|pair| pair[1] - pair[0]);
            figures.outage = figures.outage.max(gaps.max().unwrap_or(0));
            let back = moments.iter().find(|at| **at >= healed_at).map(|at| at - healed_at);
            figures.recovery = figures.recovery.max(back.unwrap_or(0));
        }
        figures
    }
}

impl fmt::Display for Figures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ok, failed, unknown, deliveries, took: Share { half, nearly_all }, outage, recovery } =
            self;
        write!(f, "{ok:>7} {failed:>7} {unknown:>8} {deliveries:>11} {half:>7} {nearly_all:>7} ")?;
        write!(f, "{outage:>7} {recovery:>9}")
    }
}

/// When each message was sent for the first time.
fn first_sent(log: &Log) -> HashMap<Uuid, u64> {
    let mut sent = HashMap::new();
    for call in log.calls() {
        let first = sent.entry(call.id).or_insert(call.at);
        *first = call.at.min(*first);
    }
    sent
}
