//! The kit itself: what it finds, it must be seen finding.

mod contract;
mod leaks;
