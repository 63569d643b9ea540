//! Reads records whose fields are known.

use crate::syrup::{Kind, Reader, SyrupError};

/// Why a part of a message is not as it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// It is not Syrup.
    Syrup(SyrupError),
    /// It has not the fields that it should have.
    Fields,
}

impl From<SyrupError> for Misfit {
    fn from(error: SyrupError) -> Self {
        match error {
            // The bytes may well be a value, but of another kind than this field has.
            SyrupError::Unexpected { .. } => Self::Fields,
            error => Self::Syrup(error),
        }
    }
}

/// Reads a record with this label; `fields` reads all that is behind the label.
pub(super) fn record<'a, T>(
    reader: &mut Reader<'a>,
    label: &str,
    fields: impl FnOnce(&mut Reader<'a>) -> Result<T, Misfit>,
) -> Result<T, Misfit> {
    reader.open(Kind::Record)?;
    if reader.symbol()? != label {
        return Err(Misfit::Fields);
    }
    let fields = fields(reader)?;
    reader.close(Kind::Record)?;
    Ok(fields)
}

/// Reads a number that is not negative: a position, a count, a place in a list.
pub(super) fn position(reader: &mut Reader<'_>) -> Result<u64, Misfit> {
    u64::try_from(reader.int()?).map_err(|_| Misfit::Fields)
}

/// Reads exactly 32 bytes: a name of a side or of a session.
pub(super) fn name(reader: &mut Reader<'_>) -> Result<[u8; 32], Misfit> {
    reader.bytes()?.try_into().map_err(|_| Misfit::Fields)
}
