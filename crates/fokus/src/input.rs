//! Lines of an input that may be anything: each at most so long, told from one another by number.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt};

/// The most bytes of a line. The server takes messages of 1 MiB; JSON is at most this much wordier.
pub(crate) const LINE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// One line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Without its line end.
    Text(String),
    /// Over the limit; read past, not kept.
    TooLong,
    /// Not UTF-8.
    NotUtf8,
}

/// Reads an input line by line, holding at most one.
#[derive(Debug)]
pub(crate) struct Lines<R> {
    input: R,
    limit: usize,
    /// Number of the line read last, from 1.
    pub(crate) number: u64,
    /// Bytes read so far.
    pub(crate) bytes: u64,
}

impl<R: AsyncBufRead + Unpin> Lines<R> {
    /// Reads `input`, lines of at most `limit` bytes.
    pub(crate) fn new(input: R, limit: usize) -> Self {
        Lines { input, limit, number: 0, bytes: 0 }
    }

    /// The next line, or `None` at the end.
    ///
    /// # Errors
    ///
    /// When the input cannot be read.
    pub(crate) async fn next(&mut self) -> io::Result<Option<Line>> {
        let mut line = Vec::new();
        let mut too_long = false;
        let mut began = false;
        loop {
            let buffer = self.input.fill_buf().await?;
            if buffer.is_empty() {
                break;
            }
            began = true;
            let end = buffer.iter().position(|byte| *byte == b'\n');
            let part = buffer.get(..end.unwrap_or(buffer.len())).unwrap_or_default();
            if line.len() + part.len() > self.limit {
                too_long = true;
                line = Vec::new();
            } else if !too_long {
                line.extend_from_slice(part);
            }
            let taken = part.len() + usize::from(end.is_some());
            self.input.consume(taken);
            self.bytes += u64::try_from(taken).unwrap_or(u64::MAX);
            if end.is_some() {
                break;
            }
        }
        if !began {
            return Ok(None);
        }
        self.number += 1;
        if too_long {
            return Ok(Some(Line::TooLong));
        }
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Ok(Some(String::from_utf8(line).map_or(Line::NotUtf8, Line::Text)))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::BufReader;

    use super::*;

    #[track_caller]
    fn check(input: &[u8], expected: &[Line]) {
        // A buffer smaller than the lines, so that lines come in parts.
        let reader = BufReader::with_capacity(3, input);
        let mut lines = Lines::new(reader, 8);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let found = runtime.block_on(async {
            let mut found = Vec::new();
            while let Some(line) = lines.next().await.unwrap() {
                found.push(line);
            }
            found
        });
        assert_eq!(found, expected);
        assert_eq!(lines.number, u64::try_from(expected.len()).unwrap());
        assert_eq!(lines.bytes, u64::try_from(input.len()).unwrap());
    }

    fn text(text: &str) -> Line {
        Line::Text(text.to_owned())
    }

    #[test]
    fn lines_end_at_line_ends_and_at_the_end() {
        check(b"", &[]);
        check(b"one\ntwo", &[text("one"), text("two")]);
        check(b"one\r\n\ntwo\n", &[text("one"), text(""), text("two")]);
    }

    #[test]
    fn a_line_over_the_limit_is_passed_and_the_next_one_read() {
        check(b"12345678\n", &[text("12345678")]);
        check(b"123456789\nnext\n", &[Line::TooLong, text("next")]);
        check(b"a line that is much too long\nnext", &[Line::TooLong, text("next")]);
    }

    #[test]
    fn bytes_that_are_no_text_are_one_bad_line() {
        check(b"\xff\xfe\nnext\n", &[Line::NotUtf8, text("next")]);
    }
}
