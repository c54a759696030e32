//! Work in the background: ordered inside the transaction that needs it, done later by any node, its effect on the
//! database exactly once.
//!
//! A job is a row. Whoever claims it holds it for some seconds (its lease, renewed as long as it works) under a number
//! (its fence) that every claim raises: a worker that was stopped for longer and wakes can complete nothing that
//! another has claimed since. All moments are the database's, so that nodes needn't agree about the time. Exports
//! [`Job`], [`Handler`], [`Schedule`], and [`Jobs`], by which they are ordered. Left out on purpose: results that
//! somebody waits for, and order among jobs.

mod finish;
mod handler;
mod held;
mod job;
mod letters;
mod order;
mod retry;
mod schedule;
mod store;
mod turn;
mod work;

pub use handler::Handler;
pub use job::{Job, Priority};
pub use letters::{JobRow, JobState};
pub use order::{Jobs, Terms};
pub use retry::Retry;
pub use schedule::Schedule;
pub use store::Letters;
pub use turn::{Failure, Turn};
pub use work::{Works, WorksDeps};
