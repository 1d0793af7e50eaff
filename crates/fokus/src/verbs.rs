//! The verbs that talk to a server, a module each. A verb calls, has the answer rendered, and prints.

pub(crate) mod bundle;
pub(crate) mod checkpoint;
pub(crate) mod family;
pub(crate) mod programme;
pub(crate) mod send;
pub(crate) mod views;
pub(crate) mod watch;
pub(crate) mod work;

mod clocks;
pub(crate) mod log_key;
mod which_family;
