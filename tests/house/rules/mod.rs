//! The rules, from the large to the small.

mod allowances;
mod alone;
mod doors;
mod floors;
mod folders;
mod layers;
mod operations;
mod privileges;
mod sizes;
mod unique;
mod waits;

pub use floors::FLOORS;
pub use folders::FILES;

use super::rule::Rule;

pub const ALL: &[Rule] = &[
    floors::DOWN,
    doors::DOORS,
    doors::ROUND,
    doors::DECLARED,
    privileges::BUILDING,
    layers::QUERIES,
    layers::STEPS,
    layers::TRANSPORT,
    layers::ROWS,
    privileges::ENVIRONMENT,
    privileges::CLOCK,
    privileges::TASKS,
    privileges::OUTPUT,
    folders::ROLES,
    folders::INTRODUCTIONS,
    sizes::SIZES,
    sizes::MEDIAN,
    waits::WAITS,
    waits::UNFINISHED,
    allowances::REASONS,
    operations::OWNERS,
    unique::UNIQUE,
    alone::ALONE,
];
