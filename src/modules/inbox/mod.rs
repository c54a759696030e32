//! What concerns me alone: the events of my own stream.
//!
//! Exports [`InboxModule`]. Leaves out what the events mean, which the modules know that note them, and pushing,
//! which the sockets do.

mod controller;
mod dto;
mod examples;
mod module;
mod service;

pub use controller::InboxController;
pub use module::{InboxDeps, InboxModule};
