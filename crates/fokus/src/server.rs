//! The verbs that open a store themselves: the server, the demo, the check, and the small issuer of
//! tokens for places that have none yet.

pub(crate) mod check;
pub(crate) mod demo;
pub(crate) mod flags;
pub(crate) mod issuer;
pub(crate) mod running;
pub(crate) mod serve;
pub(crate) mod system;
