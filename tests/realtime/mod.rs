mod connecting;
mod ending;
mod joining;
mod members;
mod nodes;
mod pushing;
mod sending;
mod strangers;
