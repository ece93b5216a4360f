/* Room beside the drawing: for the numbers on its left, and a little on its right. */
export const LEFT_PX = 54;
export const RIGHT_PX = 8;
