//! Administering: accounts with their roles and suspension, jobs, figures, and the audit of all that.
//!
//! Exports [`AdminService`] for the command line, which makes the first administrator. Leaves out
//! moderation of content, which is a feature of its own.

mod controller;
mod dto;
mod entity;
mod error;
mod examples;
mod module;
mod permissions;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use controller::{AdminController, JobsController};
pub use module::{AdminDeps, AdminModule};
pub use service::{AdminService, SessionsPort};
