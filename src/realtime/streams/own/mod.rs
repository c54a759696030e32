//! A person's own stream: what concerns them alone, pushed to all of their sockets.
//!
//! Every socket follows it from the start, and most never hear anything. So an idle one costs two numbers: there
//! is a task only while there is news, and it goes on from the place that each socket was told.

mod place;
mod source;
mod welcome;

pub use place::{OwnPlace, OwnSockets};
pub use source::{Noted, OwnFacts, OwnHead, OwnSource};
pub use welcome::{Passed, Since, Welcome};
