//! Posts and reactions.

mod editing;
mod idempotency;
mod listing;
mod reactions;
mod writing;
