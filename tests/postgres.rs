//! What only a database behind an address can show: connections that are lent and given back, and networks that fail.
//! And what a Redis of a test's own can, which is killed, hung and found elsewhere.
//!
//! `cargo xtask test` runs it in its second half, with PostgreSQL behind PgBouncer and Redis.

#![allow(clippy::unwrap_used, reason = "in a test it is how to fail")]

#[path = "postgres"]
mod postgres {
    mod feed;
    mod given_up;
    mod leaks;
    mod losing;
    mod pool;
    mod retention;
    mod stalling;
    mod unanswered;
}
#[path = "redis"]
mod redis {
    mod away;
    mod emitter;
    mod found;
    mod nodes;
    mod presence;
    mod several;
}
mod support;
