//! Streams that have grown lately, for whoever tells those who don't follow them.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::Streams;
use crate::{realtime::bus::Notice, wire::StreamId};

/// Streams that may wait, from either side. That more have grown is lost: it isn't kept.
const MOST: usize = 16_384;
/// Streams of one word, which has about 50 bytes for each.
const TOLD_AT_ONCE: usize = 1024;
/// After so many takings what was taken is forgotten. The change feed tells of everything once more, some seconds
/// later.
const REMEMBERED: u32 = 15;

/// What has grown, and up to which number. Noting never waits.
#[derive(Default)]
pub struct Grown(Mutex<Noted>);

#[derive(Default)]
struct Noted {
    here: HashMap<StreamId, i64>,
    elsewhere: HashMap<StreamId, i64>,
    /// Taken lately, and before that.
    taken: [HashMap<StreamId, i64>; 2],
    takings: u32,
}

/// What has grown since it was taken last.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// By commits of this node: the others may not know yet.
    pub here: Vec<(StreamId, i64)>,
    pub elsewhere: Vec<(StreamId, i64)>,
}

impl Streams {
    /// Others have stored something in these streams, followed or not.
    pub(in crate::realtime) fn grown_elsewhere(&self, streams: impl IntoIterator<Item = (StreamId, i64)>) {
        streams.into_iter().for_each(|(stream, seq)| self.inner.grown.elsewhere(stream, seq));
    }

    /// The streams that have grown since this was asked last, here or elsewhere, each with its newest number. The
    /// other nodes are told which have grown here, all in one word.
    pub fn take_grown(&self) -> Vec<(StreamId, i64)> {
        let Taken { here, elsewhere } = self.inner.grown.take();
        for some in here.chunks(TOLD_AT_ONCE) {
            self.inner.bus.notify(Notice::Grown(some.to_vec()));
        }
        [here, elsewhere].concat()
    }
}

impl Grown {
    /// By a commit of this node.
    pub fn here(&self, stream: StreamId, seq: i64) {
        let mut noted = self.noted();
        if noted.is_new(stream, seq) {
            note(&mut noted.here, stream, seq);
        }
    }

    /// By whatever others have stored. What this node has stored itself may be found once more.
    pub fn elsewhere(&self, stream: StreamId, seq: i64) {
        let mut noted = self.noted();
        if noted.is_new(stream, seq) && !noted.here.contains_key(&stream) {
            note(&mut noted.elsewhere, stream, seq);
        }
    }

    /// Each stream once, with its newest number; none again that was taken lately with that number.
    pub fn take(&self) -> Taken {
        let mut noted = self.noted();
        let here = std::mem::take(&mut noted.here);
        let mut elsewhere = std::mem::take(&mut noted.elsewhere);
        elsewhere.retain(|stream, _| !here.contains_key(stream));
        noted.takings += 1;
        if noted.takings >= REMEMBERED || noted.taken[0].len() >= MOST {
            noted.takings = 0;
            noted.taken[1] = std::mem::take(&mut noted.taken[0]);
        }
        noted.taken[0].extend(here.iter().chain(&elsewhere));
        Taken { here: here.into_iter().collect(), elsewhere: elsewhere.into_iter().collect() }
    }

    /// Each change leaves it whole, even after a panic.
    fn noted(&self) -> MutexGuard<'_, Noted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Noted {
    fn is_new(&self, stream: StreamId, seq: i64) -> bool {
        self.taken.iter().all(|taken| taken.get(&stream).is_none_or(|taken| *taken < seq))
    }
}

fn note(among: &mut HashMap<StreamId, i64>, stream: StreamId, seq: i64) {
    if among.len() < MOST || among.contains_key(&stream) {
        let newest = among.entry(stream).or_insert(seq);
        *newest = seq.max(*newest);
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn stream(n: u128) -> StreamId {
        StreamId(Uuid::from_u128(n))
    }

    #[test]
    fn each_is_taken_once_with_its_newest_number_whoever_tells_of_it() {
        let grown = Grown::default();
        for seq in [3, 5, 4] {
            grown.here(stream(1), seq);
        }
        grown.elsewhere(stream(1), 5);
        grown.elsewhere(stream(2), 9);
        let taken = Taken { here: vec![(stream(1), 5)], elsewhere: vec![(stream(2), 9)] };
        assert_eq!(grown.take(), taken);
        // The feed finds them as well.
        grown.elsewhere(stream(1), 5);
        grown.elsewhere(stream(2), 9);
        assert_eq!(grown.take(), Taken::default());
        grown.elsewhere(stream(1), 6);
        assert_eq!(grown.take().elsewhere, [(stream(1), 6)]);
    }

    #[test]
    fn it_holds_no_more_than_it_may() {
        let grown = Grown::default();
        for n in 0..2 * MOST as u128 {
            grown.here(stream(n), 1);
            grown.elsewhere(stream(n), 1);
        }
        let Taken { here, elsewhere } = grown.take();
        assert_eq!((here.len(), elsewhere.len()), (MOST, MOST));
        for n in 0..4 * MOST as u128 {
            grown.here(stream(n), 2);
            grown.take();
        }
        let noted = grown.noted();
        assert!(
            noted.taken.iter().all(|taken| taken.len() <= 2 * MOST),
            "what was taken is forgotten in time"
        );
    }
}
