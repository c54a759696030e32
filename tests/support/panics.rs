//! Panics in the program, which a task swallows and a test wouldn't notice.

use std::{
    panic,
    sync::{
        Once,
        atomic::{AtomicUsize, Ordering},
    },
};

static SEEN: AtomicUsize = AtomicUsize::new(0);

/// Counts from now on those of all apps in this process; what the tests' own files do on purpose isn't among them.
pub fn counted() -> Panics {
    static HOOKED: Once = Once::new();
    HOOKED.call_once(|| {
        let usual = panic::take_hook();
        panic::set_hook(Box::new(move |panic| {
            if panic.location().is_some_and(|place| !place.file().starts_with("tests/")) {
                SEEN.fetch_add(1, Ordering::Relaxed);
            }
            usual(panic);
        }));
    });
    Panics { before: SEEN.load(Ordering::Relaxed) }
}

pub struct Panics {
    before: usize,
}

impl Panics {
    pub fn count(&self) -> usize {
        SEEN.load(Ordering::Relaxed) - self.before
    }
}
