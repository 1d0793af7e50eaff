//! The server over real connections: tokens, commands, reads, streams, limits, shutdown.
//!
//! Time is paused where a test waits for the server's own timers; then it moves as soon as nobody has
//! anything else to do.

// `cfg(test)` says nothing new here, but lints look for it before they let helpers panic.
#[cfg(test)]
mod commands;
#[cfg(test)]
mod harness;
#[cfg(test)]
mod leaves;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod services;
#[cfg(test)]
mod streams;
#[cfg(test)]
mod tokens;
#[cfg(test)]
mod town;
#[cfg(test)]
mod work;
