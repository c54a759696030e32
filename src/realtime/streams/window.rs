//! Puts events back into their order.

use std::collections::BTreeMap;

use super::Pushed;

/// Events that may wait for an earlier one.
const MOST_EARLY: usize = 1024;

/// Where a stream's pushing has got to, and what came too early. Commits finish in the stream's order
/// but may report in any other, and what was reported may be read as well.
#[derive(Debug, Default)]
pub struct Window {
    cursor: i64,
    early: BTreeMap<i64, Pushed>,
}

impl Window {
    /// Everything up to here has been pushed, or was there before anybody followed.
    pub fn cursor(&self) -> i64 {
        self.cursor
    }

    /// Goes on from this place, without what is before it.
    pub fn skip_to(&mut self, cursor: i64) {
        self.cursor = self.cursor.max(cursor);
        self.early.retain(|seq, _| *seq > cursor);
    }

    /// Goes back to this place: what comes after it leaves once more.
    pub fn return_to(&mut self, cursor: i64) {
        self.cursor = self.cursor.min(cursor);
    }

    /// Takes an event in; one that was pushed before is forgotten.
    pub fn insert(&mut self, event: Pushed) {
        if event.seq > self.cursor {
            self.early.insert(event.seq, event);
            if self.early.len() > MOST_EARLY {
                // The newest: it can be read again.
                self.early.pop_last();
            }
        }
    }

    /// The next event, if it is here; pushing it is up to the caller.
    pub fn next(&mut self) -> Option<Pushed> {
        let event = self.early.remove(&(self.cursor + 1))?;
        self.cursor = event.seq;
        Some(event)
    }

    /// Drops what waits.
    pub fn forget_early(&mut self) {
        self.early.clear();
    }

    /// Whether events wait for one that is missing.
    pub fn has_gap(&self) -> bool {
        !self.early.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::value::RawValue;

    fn event(seq: i64) -> Pushed {
        let payload = RawValue::from_string("null".into()).unwrap().into();
        Pushed { seq, name: "receiveMessage", payload, authors: [None; 2], quoting: None, removes: None }
    }

    /// The numbers that come out when these go in one by one.
    fn out_of(window: &mut Window, seqs: impl IntoIterator<Item = i64>) -> Vec<i64> {
        let mut out = Vec::new();
        for seq in seqs {
            window.insert(event(seq));
            out.extend(std::iter::from_fn(|| window.next()).map(|event| event.seq));
        }
        out
    }

    #[test]
    fn whatever_the_order_of_arrival_they_leave_in_theirs() {
        let mut window = Window::default();
        window.skip_to(10);
        assert_eq!(out_of(&mut window, [12, 13]), Vec::<i64>::new());
        assert!(window.has_gap());
        assert_eq!(out_of(&mut window, [15, 11, 14]), [11, 12, 13, 14, 15]);
        assert!(!window.has_gap());
        assert_eq!(out_of(&mut Window::default(), (1..=100).rev()), (1..=100).collect::<Vec<_>>());
    }

    #[test]
    fn nothing_leaves_twice() {
        let mut window = Window::default();
        assert_eq!(out_of(&mut window, [1, 1, 3, 2, 3, 2, 1, 4]), [1, 2, 3, 4]);
    }

    #[test]
    fn what_is_skipped_never_leaves() {
        let mut window = Window::default();
        assert_eq!(out_of(&mut window, [3, 5, 6]), Vec::<i64>::new());
        window.skip_to(4);
        assert_eq!(out_of(&mut window, [2, 4, 7]), [5, 6, 7]);
        window.skip_to(1);
        assert_eq!((window.cursor(), window.has_gap()), (7, false));
    }

    #[test]
    fn it_holds_no_more_than_it_may_and_keeps_the_oldest() {
        let mut window = Window::default();
        assert_eq!(out_of(&mut window, 2..5000), Vec::<i64>::new());
        assert_eq!(window.early.len(), MOST_EARLY);
        assert_eq!(out_of(&mut window, [1]), (1..=MOST_EARLY as i64).collect::<Vec<_>>());
    }
}
