# Days, times and amounts.

date = { $iso }
date-month = { $iso }
date-about = about { $date }
time = { $date } { $hour }:{ $minute }
month-head =
    { $month ->
        [1] January
        [2] February
        [3] March
        [4] April
        [5] May
        [6] June
        [7] July
        [8] August
        [9] September
        [10] October
        [11] November
       *[12] December
    } { $year }
minutes = { $minutes } min
hours = { $hours } h
hours-minutes = { $hours } h { $minutes } min
decimal = { $whole }.{ $places }
per-cent = { $number } %
list-and = { $others } and { $last }
erased = (erased)
