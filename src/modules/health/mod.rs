//! Probes and metrics: is this node alive, may it be sent work, how is it doing.
//!
//! Exports nothing to other modules. Leaves out what is checked: each module and the app hand in
//! their own indicators.

mod controller;
mod dto;
mod examples;
mod module;
mod service;
#[cfg(test)]
mod tests;

pub use controller::HealthController;
pub use module::{HealthModule, MetricsDeps};
pub use service::{HealthDeps, UserCount};
