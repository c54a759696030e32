//! ~Widgets~, each its owner's own, followed live on all of the owner's devices.
//!
//! Exports [`WidgetsService`]. Leaves out sharing on purpose: whoever isn't the owner is
//! told that there is no such ~widget~.

mod controller;
mod dto;
mod entity;
mod error;
mod events;
mod examples;
mod gateway;
mod module;
mod permissions;
mod service;
mod store;
#[cfg(test)]
mod tests;

pub use module::{WidgetsDeps, WidgetsModule};
pub use service::WidgetsService;
