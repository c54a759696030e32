//! What the tests are written with. [`TestApp`] is where to begin.

// A kit is offered whole: not every test run uses all of it.
#![allow(dead_code, unused_imports, reason = "a tool may wait for its next test")]

mod answer;
mod app;
mod certificate;
mod chat;
mod client;
pub mod contract;
mod database;
pub mod event_contract;
mod figures;
mod held;
pub mod leaks;
mod lines;
mod operations;
mod packets;
pub mod panics;
mod polling;
mod program;
mod proxy;
pub mod raw;
mod redis;
mod settings;
mod socket;
mod story;
mod wait;
mod working;
mod world;

pub use answer::Answer;
pub use app::TestApp;
pub use certificate::{CertificateFiles, Pair};
pub use chat::{Chat, seqs};
pub use client::{Client, User};
pub use database::TestDatabase;
pub use figures::{figure, in_parallel, queries_of};
pub use held::{Held, Told, tls};
pub use operations::Operation;
pub use polling::PollingClient;
pub use program::{Program, finished};
pub use proxy::Proxy;
pub use raw::RawConnection;
pub use redis::RedisServer;
pub use settings::Settings;
pub use socket::{Closed, SocketClient};
pub use story::Story;
pub use wait::{DEADLINE, eventually, in_time, within};
pub use world::World;

/// Everybody's, unless a test is about passwords.
pub const PASSWORD: &str = "correct horse battery";
