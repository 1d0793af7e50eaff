//! Passing many rows in one statement with few parameters.
//!
//! Names go as a JSON array that `json_each` unpacks, bytes as hexadecimal in it; large bytes go as
//! one blob, with offset and length of each part in the array. So each table has one statement,
//! prepared once, whatever the number of rows.

use fokus_store::Fault;
use serde_json::Value;

use crate::fault::corrupt;

/// Rows that are on their way into a statement.
#[derive(Default)]
pub(crate) struct Rows {
    rows: Vec<Value>,
    blob: Vec<u8>,
}

impl Rows {
    pub(crate) fn push(&mut self, row: Value) {
        self.rows.push(row);
    }

    /// Adds bytes to the blob, and gives the two members that `substr` takes them out with.
    pub(crate) fn part(&mut self, bytes: &[u8]) -> (usize, usize) {
        // `substr` counts from 1.
        let offset = self.blob.len() + 1;
        self.blob.extend_from_slice(bytes);
        (offset, bytes.len())
    }

    /// The array, as text.
    pub(crate) fn json(self) -> String {
        Value::Array(self.rows).to_string()
    }

    /// The array, as text, and the blob.
    pub(crate) fn json_and_blob(self) -> (String, Vec<u8>) {
        (Value::Array(self.rows).to_string(), self.blob)
    }
}

impl FromIterator<Value> for Rows {
    fn from_iter<I: IntoIterator<Item = Value>>(rows: I) -> Self {
        Rows { rows: rows.into_iter().collect(), blob: Vec::new() }
    }
}

/// A number for SQLite, whose integers are signed.
pub(crate) fn int(number: u64) -> Result<i64, Fault> {
    i64::try_from(number).map_err(|_| corrupt("a number is beyond 2^63"))
}

/// A number from SQLite, of a column that has none below 0.
pub(crate) fn uint(number: i64) -> Result<u64, Fault> {
    u64::try_from(number).map_err(|_| corrupt("a number below 0"))
}

/// A number from SQLite, of a column that has 32 bits.
pub(crate) fn uint32(number: i64) -> Result<u32, Fault> {
    u32::try_from(number).map_err(|_| corrupt("a number that is not of 32 bits"))
}

/// Bytes of a known length from SQLite.
pub(crate) fn array<const N: usize>(bytes: &[u8]) -> Result<[u8; N], Fault> {
    bytes.try_into().map_err(|_| corrupt("a value of another length than its column has"))
}
