//! What holds for every operation: bodies, headers, limits, problems, the document.

mod asyncapi;
mod bodies;
mod cors;
mod described;
mod document;
mod headers;
mod http2;
mod limits;
mod logs;
mod problems;
mod reading;
mod routing;
mod tls;
